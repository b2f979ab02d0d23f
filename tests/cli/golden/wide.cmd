run -r 8 -e minor-faults,cpu-migrations -- true
