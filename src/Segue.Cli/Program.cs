Console.WriteLine("segue");
