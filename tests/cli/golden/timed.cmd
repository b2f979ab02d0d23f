run mlp:networks=4 -s pool -t 2 -r 8 --duration auto
