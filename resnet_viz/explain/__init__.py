"""What a trained net looks at: attribution. This file imports nothing, so that torch-free modules of it stay so."""
