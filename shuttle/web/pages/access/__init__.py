"""Pages of access: signing in, links and the identity provider."""
