smt-compare counter:ilp=1+8,stream --cores 3 -r 8 --check 'smt_effect[workload=counter:ilp=1] > 1'
