"""Writes the .npy and .npz files here with NumPy, for the tests to compare with.  Run from this folder: python make.py"""
import numpy as np

ramp = (np.arange(24, dtype=np.float32) - 7) / 3
np.save("matrix.npy", ramp.reshape(4, 6))
np.save("batch.npy", ramp.reshape(2, 3, 4))
np.save("vector.npy", ramp)
np.save("scalar.npy", np.float32(-2.5))
np.save("empty.npy", np.zeros((0, 2304), np.float32))
np.save("special.npy", np.array([np.inf, -np.inf, -0.0, 1e-45], np.float32))
np.save("rank12.npy", ramp.reshape(1, 2, 1, 2, 1, 2, 1, 3, 1, 1, 1, 1))
names = ["a.png", "日本/写真.jpg", "", "emoji 🐈.gif", "not utf-8: \udcff\udc80"]
np.save("names.npy", np.array(names))
np.save("nameless.npy", np.array(["", ""]))
np.savez("several.npz", summary=ramp.reshape(4, 6), paths=np.array(names))
np.save("columns.npy", np.asfortranarray(ramp.reshape(4, 6)))
np.save("float64.npy", ramp.astype(np.float64))
np.save("float16.npy", ramp.astype(np.float16))
np.save("bigendian.npy", ramp.astype(">f4"))
np.lib.format.write_array(open("version2.npy", "wb"), ramp, version=(2, 0))
np.lib.format.write_array(open("version3.npy", "wb"), ramp, version=(3, 0))
