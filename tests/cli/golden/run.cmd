run reduce:size=10M -s spawn,pool,steal -t 2,4 -r 8
