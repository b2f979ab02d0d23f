sweep amdahl -t 1,2 -r 8 -s pool
