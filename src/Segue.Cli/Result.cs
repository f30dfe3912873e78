namespace Segue.Cli;

/// <summary>A value, or why there is none.</summary>
internal abstract record Result<T>
{
    private Result() { }

    public abstract TOut Match<TOut>(Func<T, TOut> good, Func<Failure, TOut> bad);

    public static implicit operator Result<T>(T value) => new Good(value);

    public static implicit operator Result<T>(Failure failure) => new Bad(failure);

    public sealed record Good(T Value) : Result<T>
    {
        public override TOut Match<TOut>(Func<T, TOut> good, Func<Failure, TOut> bad) => good(Value);
    }

    public sealed record Bad(Failure Failure) : Result<T>
    {
        public override TOut Match<TOut>(Func<T, TOut> good, Func<Failure, TOut> bad) => bad(Failure);
    }
}
