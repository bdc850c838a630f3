/*
 * One fsync(2) for each regular file below a folder: the least that makes a copy durable, after `sync -f`.
 *
 *     cc -O2 -o fsync-each fsync-each.c && ./fsync-each FOLDER
 */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

static int sync_one(const char *path, const struct stat *stats, int type, struct FTW *where)
{
  (void)stats;
  (void)where;
  if (type != FTW_F) return 0;
  int fd = open(path, O_RDONLY | O_NOFOLLOW);
  if (fd < 0) return -1;
  int failed = fsync(fd);
  return close(fd) != 0 || failed != 0 ? -1 : 0;
}

int main(int count, char **arguments)
{
  if (count != 2) return 2;
  if (nftw(arguments[1], sync_one, 64, FTW_PHYS) == 0) return 0;
  perror(arguments[1]);
  return 1;
}
