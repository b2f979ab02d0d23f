run reduce:size=10 -s spawn,pool,steal -t 2 -r 8
