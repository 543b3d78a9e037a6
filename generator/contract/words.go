package contract

// CheckVersion gives what is wrong with the content of a version.json.
func CheckVersion(text []byte) []string {
	var problems []string
	for _, f := range badVersion("", text) {
		problems = append(problems, f.Text)
	}
	return problems
}

// IsSecretFile tells by the last part of a file's name whether it holds secrets.
func IsSecretFile(base string) bool { return isSecret(base) }

// IsSecretVariable tells by a variable's name whether it holds a secret.
func IsSecretVariable(name string) bool {
	return secretName().MatchString(name) && !publicName().MatchString(name)
}
