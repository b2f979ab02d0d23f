sweep amdahl:serial=0.2:work=10k:tasks=10 --threads 1,2 -e none
