"""From the language's syntax trees to DuckDB's SQL: nothing but what we write ourselves comes out."""
