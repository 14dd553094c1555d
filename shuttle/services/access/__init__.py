"""Acts on access: accounts, sign-in, tokens, tablets and counting keys."""
