/** The files of a drop: its own, and those in its folders, under their paths in them. */
export async function filesOf(drop: DataTransfer): Promise<{ name: string; file: File }[]> {
  // The list is empty once this function has returned for the first time.
  const entries = [...drop.items].map((item) => item.webkitGetAsEntry());
  const files: { name: string; file: File }[] = [];
  for (const entry of entries) if (entry) await collect(entry, "", files);
  return files;
}

const picture = /\.(jpe?g|png|webp|gif|bmp)$/i;
const video = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ogv|flv)$/i;

/** Whether a file is one that frames are taken of. */
export const isVideo = (name: string) => video.test(name);

async function collect(entry: FileSystemEntry, path: string, files: { name: string; file: File }[]): Promise<void> {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    if (!picture.test(entry.name) && !isVideo(entry.name)) return;
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    files.push({ name: path + entry.name, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return;
    for (const inner of some) await collect(inner, `${path}${entry.name}/`, files);
  }
}
