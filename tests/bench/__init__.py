"""``make bench``: the speed of the whole service beside two plain Django views in the same process."""
