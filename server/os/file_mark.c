#include <dirent.h>
#include <sys/stat.h>

#include "os/file.h"

/* FNV-1a with 64 bits. */
static uint64_t
mix(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++) {
		hash ^= at[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

/* All zero for what is not there. */
static uint64_t
mix_info(uint64_t hash, const struct stat *info)
{
	const int64_t facts[] = {(int64_t)info->st_dev, (int64_t)info->st_ino,
	    (int64_t)info->st_mode, (int64_t)info->st_size,
	    (int64_t)info->st_mtim.tv_sec, (int64_t)info->st_mtim.tv_nsec,
	    (int64_t)info->st_ctim.tv_sec, (int64_t)info->st_ctim.tv_nsec};

	return mix(hash, facts, sizeof(facts));
}

/* The order of a folder is its own affair: the sum of its files' marks. */
static uint64_t
mix_folder(uint64_t hash, DIR *dir)
{
	uint64_t sum = 0;

	for (;;) {
		struct stat info = {0};
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): dir is only ours. */
		const struct dirent *entry = readdir(dir);
		uint64_t one = 0;

		if (entry == NULL)
			break;
		(void)fstatat(dirfd(dir), entry->d_name, &info, 0);
		if (S_ISDIR(info.st_mode))
			continue;
		one = mix(1, entry->d_name, strlen(entry->d_name));
		sum += mix_info(one, &info);
	}
	return mix(hash, &sum, sizeof(sum));
}

uint64_t
file_mark(const char *path, uint64_t before)
{
	struct stat info = {0};
	DIR *dir = NULL;
	uint64_t hash = before;

	if (stat(path, &info) != 0) {
		info = (struct stat){0};
		return mix_info(hash, &info);
	}
	hash = mix_info(hash, &info);
	if (!S_ISDIR(info.st_mode))
		return hash;
	dir = opendir(path);
	if (dir == NULL)
		return hash;
	hash = mix_folder(hash, dir);
	(void)closedir(dir);
	return hash;
}
