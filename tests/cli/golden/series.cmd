run mlp:batch=1..16..x4 -s pool,steal -t 2 -r 6
