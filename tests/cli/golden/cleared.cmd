sweep amdahl -t 1,2 -r 12 -s pool --check speedup[threads=2]>=1.6
