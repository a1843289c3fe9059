"""Finding records that are alike and deciding about them."""
