#include <dirent.h>
#include <sys/stat.h>

#include "os/file.h"

/* FNV-1a with 64 bits, a byte. */
static uint64_t
mix(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t
mix_number(uint64_t hash, uint64_t number)
{
	for (unsigned shift = 0; shift < 64; shift += 8)
		hash = mix(hash, (unsigned char)(number >> shift));
	return hash;
}

static uint64_t
mix_name(uint64_t hash, const char *name)
{
	while (*name != '\0')
		hash = mix(hash, (unsigned char)*name++);
	return hash;
}

/* All zero for what is not there. */
static uint64_t
mix_info(uint64_t hash, const struct stat *info)
{
	hash = mix_number(hash, (uint64_t)info->st_dev);
	hash = mix_number(hash, (uint64_t)info->st_ino);
	hash = mix_number(hash, (uint64_t)info->st_mode);
	hash = mix_number(hash, (uint64_t)info->st_size);
	hash = mix_number(hash, (uint64_t)info->st_mtim.tv_sec);
	hash = mix_number(hash, (uint64_t)info->st_mtim.tv_nsec);
	hash = mix_number(hash, (uint64_t)info->st_ctim.tv_sec);
	return mix_number(hash, (uint64_t)info->st_ctim.tv_nsec);
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

		if (entry == NULL)
			break;
		(void)fstatat(dirfd(dir), entry->d_name, &info, 0);
		if (S_ISDIR(info.st_mode))
			continue;
		sum += mix_info(mix_name(1, entry->d_name), &info);
	}
	return mix_number(hash, sum);
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

int64_t
file_written_s(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? (int64_t)info.st_mtime : 0;
}
