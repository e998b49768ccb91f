// dlib's shape predictor behind a C ABI, so that it takes turns with the other contenders in one process.
#include <dlib/image_processing/shape_predictor.h>
#include <dlib/matrix.h>
#include <dlib/pixel.h>

#include <cstdint>
#include <cstring>

using namespace dlib;

extern "C" {

// The predictor of a .dat file, or null.
void *dlib_open(const char *path)
{
    try {
        auto predictor = new shape_predictor;
        deserialize(path) >> *predictor;
        return predictor;
    } catch (...) {
        return nullptr;
    }
}

void dlib_close(void *predictor) { delete static_cast<shape_predictor *>(predictor); }

// The picture as dlib holds it: rgb is width * height * 3 bytes.
void *dlib_image(const uint8_t *rgb, int width, int height)
{
    auto image = new array2d<rgb_pixel>(height, width);
    std::memcpy(image_data(*image), rgb, size_t(3) * width * height);
    return image;
}

void dlib_free_image(void *image) { delete static_cast<array2d<rgb_pixel> *>(image); }

// Writes x, y of each of the 68 points of the face in the box.
int dlib_points(const void *predictor, const void *image, int left, int top, int width, int height, float *points)
{
    auto face = (*static_cast<const shape_predictor *>(predictor))(
        *static_cast<const array2d<rgb_pixel> *>(image), rectangle(left, top, left + width - 1, top + height - 1));
    for (unsigned long i = 0; i < face.num_parts(); i++) {
        points[2 * i] = float(face.part(i).x());
        points[2 * i + 1] = float(face.part(i).y());
    }
    return int(face.num_parts());
}
}
