"""Attribution: what a trained net looks at."""
