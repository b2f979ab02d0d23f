run -r 12 -- true
