"""What the product is made of: its licences, its known vulnerabilities, the list of everything in the image."""
