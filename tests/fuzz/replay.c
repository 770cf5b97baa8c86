/*
 * replay.c - runs a fuzz target over files without a fuzzer: every input
 * that was ever interesting stays a test.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, got;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	do {
		data = realloc(data, size + 65536);
		if (data == NULL)
			abort();
		got = fread(data + size, 1, 65536, f);
		size += got;
	} while (got > 0);
	fclose(f);
	/* An exact copy, so that the sanitizer sees a read past the end. */
	data = realloc(data, size > 0 ? size : 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	int bad = argc < 2;

	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	printf("%d inputs replayed\n", argc - 1);
	return bad;
}
