! The log-likelihood of a line through the good points of Hogg, Bovy and Lang (2010), numbers 5 to 20 of their table 1
! (examples/hogg2010/hogg2010.csv), as a bare function: this needs a Fortran compiler, but no C.
!
!   gfortran -O2 -shared -fPIC -o examples/fortran/libline.so examples/fortran/line.f90
module line
  use, intrinsic :: iso_c_binding, only: c_double, c_ptr, c_size_t
  implicit none
  private
  public :: log_likelihood

  real(c_double), parameter :: x(16) = [real(c_double) :: 203, 58, 210, 202, 198, 158, 165, 201, 157, 131, 166, 160, &
    186, 125, 218, 146]
  real(c_double), parameter :: y(16) = [real(c_double) :: 495, 173, 479, 504, 510, 416, 393, 442, 317, 311, 400, 337, &
    423, 334, 533, 344]
  real(c_double), parameter :: sigma(16) = [real(c_double) :: 21, 15, 27, 14, 30, 16, 14, 25, 52, 16, 34, 31, 42, 26, &
    16, 22]

contains

  ! double log_likelihood(const double *theta, size_t ndim, void *context): theta has m and b.
  function log_likelihood(theta, ndim, context) result(value) bind(C, name="log_likelihood")
    integer(c_size_t), value, intent(in) :: ndim
    real(c_double), intent(in) :: theta(ndim)
    type(c_ptr), value, intent(in) :: context
    real(c_double) :: value
    associate (unused => context) ! it is empty
    end associate

    value = -0.5_c_double * sum(((y - theta(1) * x - theta(2)) / sigma)**2)
  end function log_likelihood

end module line
