"""Notifications: what there is to tell, to whom, and sending it by e-mail and webhook."""
