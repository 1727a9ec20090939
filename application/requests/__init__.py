"""What somebody asks to be done: a shopper, a warehouse, an operator."""
