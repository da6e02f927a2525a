"""HTTP, from the socket to a request and from a reply to the socket; nothing about resources."""
