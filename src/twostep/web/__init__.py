"""What all pages share: who visits, cookies, forms, headers, and how a page is made."""
