sweep reduce --vary size=100..1M..x10 -s sequential,spawn,pool --threads 2 -r 8
