"""What runs outside a request: the relay wakes workers, a worker keeps one promise at a time."""
