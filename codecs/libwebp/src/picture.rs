use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;

use libwebp_sys::{
    WEBP_ENCODER_ABI_VERSION, WebPConfig, WebPEncode, WebPPicture, WebPPictureAlloc,
    WebPPictureFree, WebPPictureImportRGB, WebPPictureImportRGBA, WebPPictureInitInternal,
};

use crate::Error;

/// libwebp's picture. Frees what libwebp allocated for it.
pub(crate) struct Picture(WebPPicture);

impl Picture {
    pub(crate) fn new(width: u32, height: u32) -> Result<Self, Error> {
        let mut picture = MaybeUninit::<WebPPicture>::zeroed();
        // SAFETY: the pointer is to writable memory of the right type.
        let initialised = unsafe {
            WebPPictureInitInternal(picture.as_mut_ptr(), WEBP_ENCODER_ABI_VERSION.cast_signed())
        };
        if initialised == 0 {
            return Err(Error::Library);
        }
        // SAFETY: libwebp has filled it in, with valid values of its enums.
        let mut picture = Self(unsafe { picture.assume_init() });
        picture.0.width = c_int::try_from(width).map_err(|_| Error::Dimensions)?;
        picture.0.height = c_int::try_from(height).map_err(|_| Error::Dimensions)?;
        Ok(picture)
    }

    pub(crate) fn raw(&mut self) -> &mut WebPPicture {
        &mut self.0
    }

    /// Takes memory for the picture's samples, of the size and kind that its fields tell.
    pub(crate) fn allocate(&mut self) -> Result<(), Error> {
        // SAFETY: the picture is initialised, and holds no samples of another's.
        let done = unsafe { WebPPictureAlloc(&raw mut self.0) };
        self.check(done)
    }

    /// Copies samples in, as YUV or, where `use_argb` is set, as they are.
    ///
    /// # Safety
    ///
    /// `data` has all bytes of the picture's rows, which are `stride` bytes from each other.
    pub(crate) unsafe fn import(
        &mut self,
        data: &[u8],
        stride: c_int,
        alpha: bool,
    ) -> Result<(), Error> {
        let import = if alpha {
            WebPPictureImportRGBA
        } else {
            WebPPictureImportRGB
        };
        // SAFETY: the picture is initialised, and the caller has seen that all that is read is there.
        let done = unsafe { import(&raw mut self.0, data.as_ptr(), stride) };
        self.check(done)
    }

    /// Encodes the picture.
    ///
    /// # Safety
    ///
    /// The picture's samples are libwebp's own; or they are planes without alpha (of which libwebp writes none), large
    /// enough for its size and strides, for as long as this runs.
    pub(crate) unsafe fn encode(&mut self, config: &WebPConfig) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.0.writer = Some(write);
        self.0.custom_ptr = (&raw mut bytes).cast();
        // SAFETY: config and picture are initialised, the samples are as the caller says, and `custom_ptr` is what the writer
        // wants. It is not used after this.
        let done = unsafe { WebPEncode(config, &raw mut self.0) };
        self.0.custom_ptr = std::ptr::null_mut();
        self.check(done)?;
        Ok(bytes)
    }

    fn check(&self, done: c_int) -> Result<(), Error> {
        if done == 0 {
            return Err(Error::of_libwebp(self.0.error_code));
        }
        Ok(())
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the picture is initialised; this frees what libwebp allocated, not planes that were lent to it.
        unsafe { WebPPictureFree(&raw mut self.0) };
    }
}

/// Appends to the `Vec<u8>` behind `custom_ptr`. Never panics, as it is called by C.
///
/// # Safety
///
/// `picture` is being encoded by [`Picture::encode`], and `data` has `size` bytes.
unsafe extern "C" fn write(data: *const u8, size: usize, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp hands on the picture that it was given.
    let target: *mut c_void = unsafe { (*picture).custom_ptr };
    // SAFETY: `encode` has set it to a vector that nothing else touches until it is done.
    let bytes = unsafe { &mut *target.cast::<Vec<u8>>() };
    if size == 0 {
        return 1;
    }
    if bytes.try_reserve(size).is_err() {
        return 0;
    }
    // SAFETY: so many bytes are there, says libwebp.
    bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(data, size) });
    1
}
