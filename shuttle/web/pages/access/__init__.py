"""Pages of access: sign-in, one-time links and the identity provider."""
