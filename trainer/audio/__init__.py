"""Audio to onsets on a grid."""
