"""The instructions that the firmware spends, counted under valgrind."""
