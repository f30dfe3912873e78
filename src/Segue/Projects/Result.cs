namespace Segue.Projects;

/// <summary>A value, or why there is none.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public abstract record Result<T>
{
    private Result() { }

    /// <summary>The value.</summary>
    /// <exception cref="SegueException">There is none; its message says why.</exception>
    public T OrThrow() => Match(value => value, failure => throw new SegueException(failure));

    /// <summary>Calls the one function or the other.</summary>
    public abstract TOut Match<TOut>(Func<T, TOut> good, Func<Failure, TOut> bad);

    /// <summary>A result that is the value.</summary>
    public static implicit operator Result<T>(T value) => new Good(value);

    /// <summary>A result that is the failure.</summary>
    public static implicit operator Result<T>(Failure failure) => new Bad(failure);

    /// <summary>There is a value.</summary>
    public sealed record Good(T Value) : Result<T>
    {
        /// <inheritdoc/>
        public override TOut Match<TOut>(Func<T, TOut> good, Func<Failure, TOut> bad) => good(Value);
    }

    /// <summary>There is none.</summary>
    public sealed record Bad(Failure Failure) : Result<T>
    {
        /// <inheritdoc/>
        public override TOut Match<TOut>(Func<T, TOut> good, Func<Failure, TOut> bad) => bad(Failure);
    }
}
