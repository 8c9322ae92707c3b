"""What surrounds the product: simulators, demonstration, benchmarks and deployment."""
