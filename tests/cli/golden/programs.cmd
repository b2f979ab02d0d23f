run -r 8 -c 'true --quick' -c 'false --slow' --check 'wall_time[workload=true] < 200ms' --check 'wall_time[workload=false] < 251ms' --on-inconclusive pass
