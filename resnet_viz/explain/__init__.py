"""What a trained net looks at: attribution by Captum. Opening this package loads neither torch nor Captum."""
