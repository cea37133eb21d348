"""Deliveries: leasing due ones, making the calls, writing down what came of them."""
