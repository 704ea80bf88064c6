"""Problems of matching as files, their results, and what can be checked and compared of them."""
