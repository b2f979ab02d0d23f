sweep amdahl -t 1,2,4 -r 8 -s pool
