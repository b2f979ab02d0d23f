run wait:n=4 mlp:networks=4 -s pool -t 2 -r 8 --check 'wakeup_p99[strategy=pool] <= 0.00013' --check 'small_share <= 50%'
