"""Made-up COFW files of MATLAB 7.3's make: `python3 make.py` with h5py. See README.md."""
import h5py
import numpy as np

WIDTH, HEIGHT, FACES = 31, 23, 3


def table():
    """FACES x 87, as MATLAB's phisTr: 29 x, 29 y, 29 flags."""
    i = np.arange(29)
    return np.array([np.concatenate([100 * f + i + 0.5, 200 * f + i + 0.25, i % 2]) for f in range(FACES)])


def picture(face):
    """HEIGHT x WIDTH x 3, or HEIGHT x WIDTH for face 1."""
    y, x, c = np.mgrid[0:HEIGHT, 0:WIDTH, 0:3]
    colour = ((7 * x + 3 * y + 50 * c + 11 * face) % 256).astype(np.uint8)
    return colour[:, :, 0] if face == 1 else colour


def write(path, packed):
    def packing(*chunk):
        # Chunks that do not divide what they are of, as MATLAB's.
        return dict(chunks=chunk, compression="gzip", compression_opts=3, shuffle=True, fletcher32=True) if packed else {}

    with h5py.File(path, "w", userblock_size=512, libver="earliest") as file:
        file.create_dataset("phisTr", data=table().T, **packing(20, 2))
        refs = file.create_group("#refs#")
        cells = np.empty((1, FACES), dtype=h5py.ref_dtype)
        for face in range(FACES):
            # MATLAB's arrays lie column by column: dimensions in reverse.
            data = picture(face).T
            cell = refs.create_dataset("cell%d" % face, data=data, **packing(*(2, 10, 7)[-data.ndim:]))
            cells[0, face] = cell.ref
        file.create_dataset("IsTr", data=cells)
        for i in range(40):
            file.create_dataset("other%02d" % i, data=np.zeros((1, 1)))
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, made up".ljust(116) + b"\0" * 8 + b"\0\2IM")


write("packed.mat", True)
write("plain.mat", False)
