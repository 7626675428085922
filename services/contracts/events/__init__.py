"""Every fact that services tell each other, one module per producer."""
