"""What SQL can ask about the account: INFORMATION_SCHEMA, ACCOUNT_USAGE, and results of statements."""
