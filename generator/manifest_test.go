package generator

var bombs []struct{ name, text, want string }
