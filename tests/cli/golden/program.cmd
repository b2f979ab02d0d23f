sweep --threads 1,2,4 -r 8 -- true -j{threads}
