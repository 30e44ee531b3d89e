"""What shuroflow costs, as ratios to named baselines measured in the same run; `python -m benchmarks` prints them."""
