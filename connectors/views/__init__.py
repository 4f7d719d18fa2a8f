"""The pages about connections and about what is asked of them."""
