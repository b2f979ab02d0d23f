sweep -t 1,2 -r 8 -- true
