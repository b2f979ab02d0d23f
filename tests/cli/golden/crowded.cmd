run counter:n=1M -s pool -t 16 -r 3 -e LLC-LOADS
